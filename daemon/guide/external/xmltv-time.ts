/**
 * Unix seconds of an XMLTV time: `YYYYMMDDhhmmss +hhmm`, whose end may be missing (from the month on), and whose zone
 * is UTC where there is none. Null for what is no time.
 */
export function parseXmltvTime(text: string): number | null {
  const match =
    /^(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:\.\d{1,3})?\s?(?:([+-])(\d{2}):?(\d{2})|UTC|GMT|Z|)$/.exec(
      text.trim().slice(0, 40),
    );
  if (match === null) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((digits) => (digits === undefined ? undefined : Number(digits)));
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60) return null;
  const offset = (Number(match[8] ?? 0) * 60 + Number(match[9] ?? 0)) * (match[7] === '-' ? -60 : 60);
  const seconds = Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - offset;
  return seconds > 0 ? seconds : null;
}
