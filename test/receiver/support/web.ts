import type { SimulatedReceiver } from '../receiver.ts';

/** Address of a call of the box's web interface. */
export function urlOf(box: SimulatedReceiver, path: string, query: Readonly<Record<string, string>> = {}): string {
  const parameters = new URLSearchParams(query).toString();
  return `http://127.0.0.1:${box.httpPort}${path}${parameters === '' ? '' : `?${parameters}`}`;
}

export async function getJson(
  box: SimulatedReceiver,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  return (await fetch(urlOf(box, path, query))).json();
}
