import type { Channel } from './channel.ts';

interface Named {
  readonly id: string;
  readonly number: number;
  readonly name: string;
}

/** What a refresh or a rule changed for who uses the lineup. */
export interface LineupChange {
  readonly atMs: number;
  readonly added: readonly Named[];
  readonly removed: readonly Named[];
  readonly renamed: readonly (Named & { readonly before: string })[];
  readonly moved: readonly (Named & { readonly before: number })[];
}

/** Null when nothing did. */
export function compareLineups(
  before: readonly Channel[],
  after: readonly Channel[],
  atMs: number,
): LineupChange | null {
  const old = new Map(before.map((channel) => [channel.id, channel]));
  const added: Named[] = [];
  const renamed: (Named & { before: string })[] = [];
  const moved: (Named & { before: number })[] = [];
  for (const channel of after) {
    const known = old.get(channel.id);
    old.delete(channel.id);
    if (known === undefined) added.push(named(channel));
    else {
      if (known.name !== channel.name) renamed.push({ ...named(channel), before: known.name });
      if (known.number !== channel.number) moved.push({ ...named(channel), before: known.number });
    }
  }
  const removed = [...old.values()].map(named);
  if (added.length + removed.length + renamed.length + moved.length === 0) return null;
  return { atMs, added, removed, renamed, moved };
}

/** Such as "3 moved, 1 new, 2 renamed". */
export function describeChange({ moved, added, removed, renamed }: LineupChange): string {
  const parts: readonly [number, string][] = [
    [moved.length, 'moved'],
    [added.length, 'new'],
    [removed.length, 'gone'],
    [renamed.length, 'renamed'],
  ];
  return parts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}`)
    .join(', ');
}

function named({ id, number, name }: Channel): Named {
  return { id, number, name };
}
