/**
 * `X-HDHomeRun-Error`, by our own codes: what clients of the real device show to people.
 *
 * Spec: HDHomeRun HTTP API (info.hdhomerun.com/info/http_api); the texts are the device's.
 */
const TEXTS: Readonly<Record<number, string>> = {
  801: 'Unknown Channel',
  802: 'Unknown Transcode Profile',
  803: 'System Busy',
  804: 'Tuner In Use',
  805: 'All Tuners In Use',
  806: 'Tune Failed',
  807: 'No Video Data',
  808: 'DVR Failure',
  809: 'Playback Connection Limit',
  810: 'DVR Full',
  811: 'Content Protection Required',
};

const BY_CODE: Readonly<Record<string, number>> = {
  CHANNEL_UNKNOWN: 801,
  NOT_PLAYABLE: 801,
  PROFILE_UNKNOWN: 802,
  PROFILE_OPTION: 802,
  HDHR_TUNER_UNKNOWN: 801,
  HDHR_TUNER_IN_USE: 804,
  HDHR_TUNERS_IN_USE: 805,
  NO_TUNER: 805,
  TUNER_TAKEN: 805,
  TUNE_FAILED: 806,
  TUNE_TIMEOUT: 806,
  NO_PROGRAM: 806,
  UPSTREAM_UNREACHABLE: 806,
  UPSTREAM_AUTH: 806,
  UPSTREAM_BAD_ANSWER: 806,
  UPSTREAM_BAD_URL: 806,
  OPEN_TIMEOUT: 807,
  UPSTREAM_CLOSED: 807,
  UPSTREAM_STALLED: 807,
  NO_AUDIO: 807,
  SCRAMBLED: 811,
};

/** The header's value for an error of a stream; whatever has no code of its own is `803 System Busy`. */
export function hdhomerunError(code: string): string {
  const number = errorNumber(code);
  return `${number} ${TEXTS[number] ?? ''}`;
}

/**
 * The status that goes with it. The device knows two: 404 for what does not exist, 503 for everything else. Kodi takes
 * any status up to 400 for a stream that plays, so that a wrong profile may not be one of those.
 */
export function hdhomerunStatus(code: string): 404 | 503 {
  return errorNumber(code) === 801 ? 404 : 503;
}

function errorNumber(code: string): number {
  return BY_CODE[code] ?? 803;
}
