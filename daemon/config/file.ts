import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

/** A settings file after reading: its plain content, its own syntax errors, and where each key stands. */
export interface ConfigFile {
  readonly path: string;
  readonly content: unknown;
  readonly errors: readonly { readonly line: number; readonly message: string }[];
  /** The line (from 1) of a key, or of the nearest group around it. */
  lineOf(keyPath: readonly string[]): number;
}

const MAX_ALIASES = 50;

/** Parses YAML 1.2. Never throws: what is wrong is in `errors`. */
export function parseConfigFile(path: string, text: string): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const errors = document.errors.map((error) => ({ line: lines.linePos(error.pos[0]).line, message: error.message }));
  let content: unknown = null;
  try {
    if (errors.length === 0) content = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    errors.push({ line: 1, message: error instanceof Error ? error.message : String(error) });
  }
  const lineOf = (keyPath: readonly string[]): number => {
    let node: unknown = document.contents;
    let offset = 0;
    for (const key of keyPath) {
      if (isSeq(node)) {
        node = node.items[Number(key)];
        if (isNode(node)) offset = node.range?.[0] ?? offset;
        continue;
      }
      const pair = isMap(node)
        ? node.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
        : undefined;
      if (pair === undefined) break;
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    }
    return lines.linePos(offset).line;
  };
  return { path, content, errors, lineOf };
}
