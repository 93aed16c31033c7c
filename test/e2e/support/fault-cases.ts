/** What can go wrong with a stream, and what then comes of it: the tests judge it, the bench prints it. */
import type { Fault, FaultSetting } from '#test/receiver/faults.ts';
import type { CHANNELS } from './gateway.ts';

interface FaultCaseBase {
  /** For people. */
  readonly name: string;
  readonly fault: Fault;
  readonly measures?: Omit<FaultSetting, 'fault'>;
  readonly channel?: keyof typeof CHANNELS;
  /** After so long the receiver is well again; left out: it stays as it is, or gets well by itself. */
  readonly healAfterMs?: number;
  /** The line of the log that tells of it. */
  readonly log: RegExp;
}

/** The fault is there before the viewer comes. */
export interface ZapFaultCase extends FaultCaseBase {
  readonly when: 'zap';
  /** A picture, or a refusal with this code. */
  readonly expect: 'picture' | string;
  /** Within so many seconds of the request. */
  readonly seconds: number;
}

/** The viewer is there before the fault comes. */
export interface RunningFaultCase extends FaultCaseBase {
  readonly when: 'running';
  /** The stream goes on, or its connection is closed. */
  readonly expect: 'goes-on' | 'ends';
  /** The longest time without a byte, or until the end. */
  readonly seconds: number;
  /** Breaks of the counters that nobody announces are the fault itself. */
  readonly damaged?: true;
}

export type FaultCase = ZapFaultCase | RunningFaultCase;

const zap = (outcome: string): RegExp => new RegExp(`"outcome":"${outcome}".*"msg":"zap"`);
const lost = (code: string): RegExp => new RegExp(`"code":"${code}","msg":"source lost`);

export const FAULT_CASES: readonly FaultCase[] = [
  {
    ...{ when: 'zap', name: 'stream port refuses for 1 s', fault: 'stream-refused', healAfterMs: 1_000 },
    ...{ expect: 'picture', seconds: 4, log: zap('opened') },
  },
  {
    ...{ when: 'zap', name: 'stream port refuses', fault: 'stream-refused' },
    ...{ expect: 'UPSTREAM_UNREACHABLE', seconds: 6, log: zap('UPSTREAM_UNREACHABLE') },
  },
  {
    ...{ when: 'zap', name: 'text in the body: no tuner', fault: 'stream-text' },
    ...{ expect: 'NO_TUNER', seconds: 2, log: zap('NO_TUNER') },
  },
  {
    ...{ when: 'zap', name: 'traceback in the body', fault: 'stream-traceback' },
    ...{ expect: 'UPSTREAM_BAD_ANSWER', seconds: 2, log: zap('UPSTREAM_BAD_ANSWER') },
  },
  {
    ...{ when: 'zap', name: 'the encoder of the box is busy', fault: 'stream-busy' },
    ...{ expect: 'ENCODER_BUSY', seconds: 2, log: zap('ENCODER_BUSY') },
  },
  {
    ...{ when: 'zap', name: 'no lock: the end without a byte', fault: 'stream-empty' },
    ...{ expect: 'TUNE_FAILED', seconds: 2, log: zap('TUNE_FAILED') },
  },
  {
    ...{ when: 'zap', name: 'never a byte', fault: 'stream-hang' },
    ...{ expect: 'TUNE_TIMEOUT', seconds: 6, log: zap('TUNE_TIMEOUT') },
  },
  {
    ...{ when: 'zap', name: 'the first byte after 3 s', fault: 'stream-slow', measures: { seconds: 3 } },
    ...{ expect: 'picture', seconds: 5, log: zap('opened') },
  },
  {
    ...{ when: 'zap', name: 'slow web interface (3 s), channel not seen before', fault: 'slow', channel: 'mpeg2' },
    ...{ expect: 'picture', seconds: 4, log: zap('opened') },
  },
  {
    ...{ when: 'zap', name: 'garbage', fault: 'stream-garbage' },
    ...{ expect: 'UPSTREAM_BAD_ANSWER', seconds: 6, log: zap('UPSTREAM_BAD_ANSWER') },
  },
  {
    ...{ when: 'zap', name: 'scrambled for 3 s, then clear', fault: 'stream-clears-late' },
    ...{ expect: 'picture', seconds: 5, log: zap('opened') },
  },
  {
    ...{ when: 'zap', name: 'relay: scrambled for 6 s, then clear', fault: 'relay-clears-late', channel: 'pay' },
    ...{ expect: 'picture', seconds: 8, log: zap('opened') },
  },
  {
    ...{ when: 'zap', name: 'scrambled for ever', fault: 'stream-scrambled' },
    ...{ expect: 'SCRAMBLED', seconds: 6, log: zap('SCRAMBLED') },
  },
  {
    ...{ when: 'zap', name: 'relay refuses, stream server has no key', fault: 'relay-refused', channel: 'pay' },
    ...{ expect: 'SCRAMBLED', seconds: 6, log: zap('SCRAMBLED') },
  },
  {
    ...{ when: 'zap', name: 'deep standby', fault: 'deep-standby' },
    ...{ expect: 'UPSTREAM_UNREACHABLE', seconds: 6, log: zap('UPSTREAM_UNREACHABLE') },
  },
  {
    ...{ when: 'zap', name: 'the network is gone', fault: 'black-hole' },
    ...{ expect: 'UPSTREAM_UNREACHABLE', seconds: 6, log: zap('UPSTREAM_UNREACHABLE') },
  },
  {
    ...{ when: 'running', name: 'connection closed', fault: 'stream-cut', healAfterMs: 200 },
    ...{ expect: 'goes-on', seconds: 2, log: lost('UPSTREAM_CLOSED') },
  },
  {
    ...{ when: 'running', name: 'connection reset', fault: 'stream-reset', healAfterMs: 200 },
    ...{ expect: 'goes-on', seconds: 2, log: lost('UPSTREAM_CLOSED') },
  },
  {
    ...{ when: 'running', name: 'text in the stream, then closed', fault: 'stream-text-late', healAfterMs: 200 },
    ...{ expect: 'goes-on', seconds: 2, log: lost('UPSTREAM_CLOSED') },
  },
  {
    ...{ when: 'running', name: 'no more bytes, connection stands', fault: 'stream-stall', healAfterMs: 4_000 },
    ...{ expect: 'goes-on', seconds: 7, log: /"code":"(UPSTREAM_STALLED|SOURCE_SILENT)"/ },
  },
  {
    ...{ when: 'running', name: 'garbage instead of packets', fault: 'stream-garbage', healAfterMs: 3_000 },
    ...{ expect: 'goes-on', seconds: 5, log: lost('UPSTREAM_BAD_ANSWER') },
  },
  {
    ...{ when: 'running', name: 'other PIDs in a new PMT', fault: 'stream-pids' },
    ...{ expect: 'goes-on', seconds: 1, log: /viewer left/ },
  },
  {
    ...{ when: 'running', name: 'lock lost for 4 s', fault: 'stream-lock-loss' },
    ...{ expect: 'goes-on', seconds: 6, log: /"code":"SOURCE_SILENT"/ },
  },
  {
    ...{ when: 'running', name: 'scrambled for 3 s', fault: 'stream-clears-late' },
    ...{ expect: 'goes-on', seconds: 1, log: /viewer left/ },
  },
  {
    ...{ when: 'running', name: 'packets missing', fault: 'stream-loss' },
    ...{ expect: 'goes-on', seconds: 1, damaged: true, log: /viewer left/ },
  },
  {
    ...{ when: 'running', name: 'the box restarts (5 s)', fault: 'restart' },
    ...{ expect: 'goes-on', seconds: 9, log: lost('UPSTREAM_CLOSED') },
  },
  {
    ...{ when: 'running', name: 'the network is gone for 7 s', fault: 'black-hole', healAfterMs: 7_000 },
    ...{ expect: 'goes-on', seconds: 13, log: lost('UPSTREAM_STALLED') },
  },
  {
    ...{ when: 'running', name: 'deep standby', fault: 'deep-standby' },
    ...{ expect: 'ends', seconds: 35, log: lost('UPSTREAM_CLOSED') },
  },
];
