import test from 'ava';
import { hdhomerunError } from '#daemon/hdhomerun/error-codes.ts';

for (const [code, expected] of [
  ['CHANNEL_UNKNOWN', '801 Unknown Channel'],
  ['PROFILE_UNKNOWN', '802 Unknown Transcode Profile'],
  ['NO_TUNER', '805 All Tuners In Use'],
  ['TUNE_FAILED', '806 Tune Failed'],
  ['OPEN_TIMEOUT', '807 No Video Data'],
  ['SCRAMBLED', '811 Content Protection Required'],
  ['RECEIVER_UNREACHABLE', '803 System Busy'],
] as const) {
  test(`${code} is ${expected}`, (t) => t.is(hdhomerunError(code), expected));
}
