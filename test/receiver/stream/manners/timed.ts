import { hasPayload, PACKET_SIZE, pidAt } from '#shared/mpegts/packet.ts';
import { PID_PAT, PID_TDT } from '#shared/mpegts/types.ts';
import { PacketScrambler } from '../../playout/scramble-packet.ts';
import { type Manner, silence, unharmed } from './manner.ts';

const since = (start: number): number => (performance.now() - start) / 1000;

/** No byte for some seconds, counted from the first packet that would have come. */
export function lockLoss(seconds: number): Manner {
  let lostAt: number | null = null;
  return (packets) => {
    lostAt ??= performance.now();
    return since(lostAt) < seconds ? silence(packets) : unharmed(packets);
  };
}

/** All but the tables scrambled for some seconds from the first packet on; infinity for ever. */
export function scrambledFor(seconds: number, pmtPid: number): Manner {
  const scrambler = new PacketScrambler();
  let begunAt: number | null = null;
  return (packets) => {
    begunAt ??= performance.now();
    const elapsed = since(begunAt);
    if (elapsed >= seconds) return unharmed(packets);
    for (let at = 0; at + PACKET_SIZE <= packets.length; at += PACKET_SIZE) {
      const pid = pidAt(packets, at);
      if (pid === PID_PAT || pid === PID_TDT || pid === pmtPid || !hasPayload(packets, at)) continue;
      scrambler.scramble(packets, at, Math.floor(elapsed / 10) % 2 === 1);
    }
    return unharmed(packets);
  };
}
