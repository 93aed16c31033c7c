/** What clients may do to the box besides asking: the same behind JSON and XML. */
import type { Fault } from '../faults.ts';
import type { WebContext } from './web-context.ts';

export interface CommandResult {
  readonly ok: boolean;
  readonly message: string;
}

/** The answer still leaves before the power goes. */
const POWER_DELAY_MS = 200;

export function zap({ box }: WebContext, sRef: string): CommandResult {
  const service = box.lineup.resolve(sRef);
  if (service === null) return { ok: false, message: 'Service not found' };
  box.zap(service); // whether a tuner was free is not told
  return { ok: true, message: `Active service is now '${service.name}'` };
}

/** `newState`: 0 toggle, 1 deep standby, 2 reboot, 3 restart of the software, 4 wake, 5 standby; '' asks only. */
export function power({ box, faults }: WebContext, newState: string): void {
  const later = (fault: Fault): void => void setTimeout(() => faults.add({ fault }), POWER_DELAY_MS);
  if (newState === '0') box.setStandby(!box.standby);
  else if (newState === '1') later('deep-standby');
  else if (newState === '2' || newState === '3') later('restart');
  else if (newState === '4') box.setStandby(false);
  else if (newState === '5') box.setStandby(true);
}
