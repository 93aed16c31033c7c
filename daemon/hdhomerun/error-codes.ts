/**
 * `X-HDHomeRun-Error`, by our own codes: what clients of the real device show to people.
 *
 * Spec: HDHomeRun HTTP API (info.hdhomerun.com/info/http_api); the texts are the device's.
 */
const TEXTS: Readonly<Record<number, string>> = {
  801: 'Unknown Channel',
  802: 'Unknown Transcode Profile',
  803: 'System Busy',
  805: 'All Tuners In Use',
  806: 'Tune Failed',
  807: 'No Video Data',
  811: 'Content Protection Required',
};

const BY_CODE: Readonly<Record<string, number>> = {
  CHANNEL_UNKNOWN: 801,
  PROFILE_UNKNOWN: 802,
  PROFILE_OPTION: 802,
  NO_TUNER: 805,
  TUNER_TAKEN: 805,
  TUNE_FAILED: 806,
  TUNE_TIMEOUT: 806,
  NO_PROGRAM: 806,
  OPEN_TIMEOUT: 807,
  UPSTREAM_STALLED: 807,
  SCRAMBLED: 811,
};

/** The header's value for an error of a stream; whatever has no code of its own is `803 System Busy`. */
export function hdhomerunError(code: string): string {
  const number = BY_CODE[code] ?? 803;
  return `${number} ${TEXTS[number] ?? ''}`;
}
