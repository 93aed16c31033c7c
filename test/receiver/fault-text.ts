import { FAULTS, type FaultSetting } from './faults.ts';

/** As the command line and the control port write a fault: `name[,after=BYTES][,seconds=S][,ref=REFERENCE]`. */
export const FAULT_SYNTAX = 'NAME[,after=BYTES][,seconds=S][,ref=REFERENCE]';

/** @throws Error that says what is wrong with it. */
export function parseFault(text: string): FaultSetting {
  const [name, ...parts] = text.split(',');
  const fault = FAULTS.find((one) => one === name);
  if (fault === undefined) throw new Error(`fault is "${name}", expected one of ${FAULTS.join(', ')}`);
  let setting: FaultSetting = { fault };
  for (const part of parts) {
    const [key = '', value = ''] = part.split(/=(.*)/s);
    if (key === 'ref' && value !== '') setting = { ...setting, ref: value };
    else if (key === 'after') setting = { ...setting, afterBytes: parseMeasure(text, value) };
    else if (key === 'seconds') setting = { ...setting, seconds: parseMeasure(text, value) };
    else throw new Error(`fault is "${text}": "${part}" is unknown, expected ${FAULT_SYNTAX}`);
  }
  return setting;
}

function parseMeasure(text: string, value: string): number {
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value);
  throw new Error(`fault is "${text}": "${value}" is no number`);
}
