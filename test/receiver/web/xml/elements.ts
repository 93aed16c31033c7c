/** How OpenWebif writes XML. */

export const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export const element = (name: string, value: string | number): string =>
  `<${name}>${escapeXml(String(value))}</${name}>`;

/** Line breaks around the value, as real boxes have them in some answers. */
export const spacedElement = (name: string, value: string | number): string =>
  `<${name}>\n\t${escapeXml(String(value))}\n</${name}>`;

/** An element for each field, in order. */
export const elements = (fields: Readonly<Record<string, string | number>>): string =>
  Object.entries(fields)
    .map(([name, value]) => element(name, value))
    .join('');

/** Contents inside one element. */
export const within = (name: string, ...contents: readonly string[]): string =>
  `<${name}>${contents.join('\n')}</${name}>`;

export const document = (body: string): string => `<?xml version="1.0" encoding="UTF-8"?>\n${body}\n`;

/** What many commands answer. */
export const simpleResult = (ok: boolean, text: string): string =>
  document(within('e2simplexmlresult', element('e2state', ok ? 'True' : 'False'), element('e2statetext', text)));
