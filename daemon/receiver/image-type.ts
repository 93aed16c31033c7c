/** Media type of a picture by its first bytes: what servers say in `Content-Type` is often wrong. Null for anything else. */
export function imageType(bytes: Buffer): string | null {
  const begins = (...head: number[]): boolean => head.every((byte, index) => bytes[index] === byte);
  if (begins(0x89, 0x50, 0x4e, 0x47)) return 'image/png';
  if (begins(0xff, 0xd8, 0xff)) return 'image/jpeg';
  const text = bytes.toString('latin1', 0, 512);
  if (/^GIF8[79]a/.test(text)) return 'image/gif';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'image/webp';
  if (
    /^(?:\u00ef\u00bb\u00bf)?\s*(?:<\?xml[^>]*>\s*|<!--[\s\S]*?-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg[\s>]/i.test(text)
  ) {
    return 'image/svg+xml';
  }
  return null;
}
