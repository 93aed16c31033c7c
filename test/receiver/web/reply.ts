import type { MovieFile } from '../playout/movie-file.ts';

/** What the web interface answers, before it is put on the wire. */
export type Reply =
  | { readonly type: string; readonly body: string | Buffer; readonly status?: number }
  | { readonly type: string; readonly file: MovieFile };

/** Value of a parameter; '' when it is absent. */
export type Query = (name: string) => string;

/** The box answers calls it does not know with the page of its web interface. */
export const PAGE =
  '<!DOCTYPE html>\n<html><head><title>OpenWebif</title></head><body>Loading, please wait …</body></html>\n';

export const NO_SUCH_CALL: Reply = { type: 'text/html', body: PAGE, status: 404 };

export const json = (value: object): Reply => ({
  type: 'application/json; charset=UTF-8',
  body: JSON.stringify(value),
});
export const xml = (body: string): Reply => ({ type: 'application/xhtml+xml; charset=UTF-8', body });
