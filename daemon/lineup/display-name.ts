/** Names that need no care, which is nearly all of them. */
const PLAIN = /^[\w().+&/:!-]+(?: [\w().+&/:!-]+)*$/;

/**
 * A name that no list format misreads: one line, no double quotes, no commas (some M3U readers take the name after the
 * first comma of the line, others after the last). Names come from broadcasters and boxes.
 */
export function displayName(name: string): string {
  if (PLAIN.test(name)) return name;
  return (
    name
      .replaceAll('"', "'")
      .replaceAll(',', ' ')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is what this expression is for
      .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\s]+/g, ' ')
      .trim()
  );
}
