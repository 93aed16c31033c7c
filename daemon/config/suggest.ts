/** Letters to insert, remove, replace or swap to make one word of the other (optimal string alignment). */
export function editDistance(left: string, right: string): number {
  const width = right.length + 1;
  const at = (table: readonly number[], row: number, column: number): number => table[row * width + column] ?? 0;
  const table: number[] = Array.from({ length: width }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    table.push(row);
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        at(table, row - 1, column) + 1,
        at(table, row, column - 1) + 1,
        at(table, row - 1, column - 1) + (same ? 0 : 1),
      );
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (row > 1 && column > 1 && swapped) cost = Math.min(cost, at(table, row - 2, column - 2) + 1);
      table.push(cost);
    }
  }
  return at(table, left.length, right.length);
}

/** The known word that was probably meant, or null when none is near: a third of its letters may be wrong. */
export function suggestWord(word: string, known: readonly string[]): string | null {
  const plain = (text: string): string => text.toLowerCase().replace(/[_-]/g, '');
  let best: { word: string; distance: number } | null = null;
  for (const candidate of known) {
    const distance = editDistance(plain(word), plain(candidate));
    if (distance <= Math.max(2, candidate.length / 3) && (best === null || distance < best.distance)) {
      best = { word: candidate, distance };
    }
  }
  return best?.word ?? null;
}
