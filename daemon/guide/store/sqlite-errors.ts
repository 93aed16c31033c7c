/** Spec: SQLite, Result and Error Codes; the low byte of the extended code. */
const PRIMARY = { BUSY: 5, READONLY: 8, IOERR: 10, CORRUPT: 11, FULL: 13, CANTOPEN: 14, NOTADB: 26 } as const;

/** The primary result code of what node:sqlite threw; null for anything else. */
function primaryCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null;
  return error.errcode & 0xff;
}

/** The file itself is damaged or no database: no trying again helps. */
export function isBroken(error: unknown): boolean {
  const code = primaryCode(error);
  return code === PRIMARY.CORRUPT || code === PRIMARY.NOTADB;
}

/** The disk is full, read-only, failing or locked: what is there can be read, and writing may work later. */
export function isUnwritable(error: unknown): boolean {
  const code = primaryCode(error);
  return (
    code === PRIMARY.BUSY ||
    code === PRIMARY.READONLY ||
    code === PRIMARY.IOERR ||
    code === PRIMARY.FULL ||
    code === PRIMARY.CANTOPEN
  );
}
