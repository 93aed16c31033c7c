import { displayName } from '../../lineup/display-name.ts';
import { deliveryOf } from '../../tuners/demodulators.ts';
import { type MappedTransponder, programOf } from '../channel-map.ts';
import type { TunerReport } from '../tuner-reports.ts';

/** What the control protocol's variables say, in the device's own form. */

export const IDLE_STATUS = 'ch=none lock=none ss=0 snq=0 seq=0 bps=0 pps=0';

/** Clients give up below 45, before anything can be known. */
const STRENGTH_WHILE_TUNING = 50;
const PACKET_BITS = 188 * 8;
const DATAGRAM_BITS = 7 * PACKET_BITS;
const LOCKS = { s: 'dvbs', c: 'dvbc', t: 'dvbt' } as const;

/** `ch`: as it was tuned. */
export function statusText(ch: string, report: TunerReport | null, network: { readonly sends: boolean }): string {
  if (ch === 'none') return IDLE_STATUS;
  if (report === null) return `ch=${ch} lock=none ss=0 snq=0 seq=0 bps=0 pps=0`;
  if (report.state === 'tuning') return `ch=${ch} lock=none ss=${STRENGTH_WHILE_TUNING} snq=0 seq=0 bps=0 pps=0`;
  const bps = report.bytesPerSecond * 8;
  const pps = network.sends ? Math.round(bps / DATAGRAM_BITS) : 0;
  const { strength, quality, symbolQuality } = measures(report);
  return `ch=${ch} lock=${lockOf(report)} ss=${strength} snq=${quality} seq=${symbolQuality} bps=${bps} pps=${pps}`;
}

/** What the box does not measure stands at what the stream itself shows: clients want a number. */
function measures(report: TunerReport): { strength: number; quality: number; symbolQuality: number } {
  const { strength, quality, symbolQuality } = report;
  return {
    strength: Math.round(strength ?? symbolQuality),
    quality: Math.round(quality ?? symbolQuality),
    symbolQuality,
  };
}

function lockOf({ channel }: TunerReport): string {
  return channel.transponder === null ? 'iptv' : LOCKS[deliveryOf(channel.transponder)];
}

export function virtualStatusText(vchannel: string, name: string | null): string {
  const shown = name === null ? 'none' : displayName(name);
  return `vch=${vchannel} name=${shown} auth=unspecified cci=none cgms=none`;
}

export function debugText(
  ch: string,
  report: TunerReport | null,
  network: { readonly datagrams: number | null },
): string {
  const bps = (report?.bytesPerSecond ?? 0) * 8;
  const shown = report === null ? null : measures(report);
  const lock = report === null || report.state === 'tuning' ? 'none' : lockOf(report);
  const pps = network.datagrams === null ? 0 : Math.round(bps / DATAGRAM_BITS);
  return [
    `tun: ch=${ch} lock=${lock} ss=${shown?.strength ?? 0} snq=${shown?.quality ?? 0} seq=${shown?.symbolQuality ?? 0} dbg=0`,
    `dev: bps=${bps} resync=0 overflow=0`,
    `ts:  bps=${bps} te=0 crc=0`,
    `flt: bps=${bps}`,
    `net: pps=${pps} err=0 stop=${network.datagrams === null ? 1 : 0}`,
    '',
  ].join('\n');
}

/** The programmes of a transponder: `10301: 1 Das Erste HD`, and its id. */
export function streamInfoText(transponder: MappedTransponder | null): string {
  if (transponder === null) return 'none\n';
  const lines = transponder.channels
    .map((channel) => ({ channel, program: programOf(channel) ?? 0 }))
    .sort((one, other) => one.program - other.program)
    .map(({ channel, program }) => `${program}: ${channel.number} ${displayName(channel.name)}`);
  const [, tsid = '0', onid = '0'] = transponder.key.split(':');
  return `${[...lines, `tsid=${wireHex(tsid)}`, `onid=${wireHex(onid)}`].join('\n')}\n`;
}

function wireHex(text: string): string {
  return `0x${text.toUpperCase().padStart(4, '0')}`;
}

export const HELP = `Supported configuration options:
/lineup/scan <start|abort>
/sys/copyright
/sys/debug
/sys/features
/sys/hwmodel
/sys/model
/sys/version
/tuner<n>/channel <modulation>:<freq|ch>
/tuner<n>/channelmap
/tuner<n>/debug
/tuner<n>/filter "0x<nnnn>-0x<nnnn> [...]"
/tuner<n>/lockkey
/tuner<n>/plpinfo
/tuner<n>/program <program number>
/tuner<n>/status
/tuner<n>/streaminfo
/tuner<n>/target <ip>:<port>
/tuner<n>/vchannel <vchannel>
/tuner<n>/vstatus
`;
