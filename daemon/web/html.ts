/** A piece of HTML that is safe to insert as it is: made by `html` only. */
export interface Html {
  readonly markup: string;
}

type Value = string | number | Html | readonly Html[] | null;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Template tag: every value is escaped, unless it is HTML from this tag itself. Null inserts nothing. */
export function html(pieces: TemplateStringsArray, ...values: readonly Value[]): Html {
  let markup = pieces[0] ?? '';
  for (const [index, value] of values.entries()) markup += render(value) + (pieces[index + 1] ?? '');
  return { markup };
}

function render(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'string' || typeof value === 'number') {
    return String(value).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
  }
  return 'markup' in value ? value.markup : value.map((piece) => piece.markup).join('');
}
