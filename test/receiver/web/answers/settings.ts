/** Enigma2's configuration, as far as clients ask for it. */

const SETTINGS: readonly (readonly [string, string])[] = [
  ['config.streaming.authentication', 'False'],
  ['config.streaming.stream_eit', 'False'],
  ['config.streaming.stream_sdtbat', 'False'],
  ['config.OpenWebif.auth', 'False'],
  ['config.OpenWebif.port', '80'],
  ['config.usage.e1like_radio_mode', 'True'],
  ['config.recording.margin_before', '5'],
  ['config.recording.margin_after', '10'],
  ['config.recording.asktozap', 'True'],
];

/** @param login whether the stream server asks for one */
export function settingRows(relayPort: number, login: boolean): (readonly [string, string])[] {
  const rows = SETTINGS.map(([name, value]): readonly [string, string] =>
    name === 'config.streaming.authentication' && login ? [name, 'True'] : [name, value],
  );
  return [...rows, ['config.misc.softcam_streamrelay_port', String(relayPort)]];
}
