/** The hour has no zero in front: " 3:07:09". */
export function clockTime(now = new Date()): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${String(now.getHours()).padStart(2)}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
}
