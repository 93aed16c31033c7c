import test from 'ava';
import type { LineupRule } from '#daemon/config/lineup-rule-schema.ts';
import type { Channel } from '#daemon/lineup/channel.ts';
import { applyRules } from '#daemon/lineup/rules/apply-rules.ts';
import type { ChannelOverride } from '#daemon/lineup/rules/channel-overrides.ts';
import { compileRules } from '#daemon/lineup/rules/compile-rules.ts';
import { channel } from '../../support/channels.ts';

function apply(channels: Channel[], rules: LineupRule[], overrides: Record<string, ChannelOverride> = {}) {
  return applyRules(channels, {
    rules: compileRules(rules),
    overrideOf: (id) => overrides[id] ?? null,
    headingGroups: false,
  });
}

const list = (channels: readonly Channel[]): string[] => channels.map(({ number, name }) => `${number} ${name}`);
const three = [channel(1, { name: 'ARD HD' }), channel(2, { name: 'ZDF' }), channel(3, { name: 'QVC Shop' })];

test('without rules the channels are as the box has them, and the same objects', (t) => {
  const { channels } = apply(three, []);
  t.true(channels.every((one, index) => one.id === three[index]?.id && one.number === three[index]?.number));
});

const cases: readonly [string, LineupRule[], string[]][] = [
  ['a name with stars, in any case', [{ match: { name: ['*shop*'] }, hide: true }], ['1 ARD HD', '2 ZDF']],
  ['signs of expressions are plain in a text', [{ match: { name: ['.*'] }, hide: true }], list(three)],
  [
    'a later rule shows what an earlier one hid',
    [
      { match: {}, hide: true },
      { match: { name: ['ZDF'] }, hide: false },
    ],
    ['2 ZDF'],
  ],
  [
    'an expression keeps a part of the name',
    [{ match: { name: ['/^(.*) HD$/'] }, rename: '$1' }],
    ['1 ARD', '2 ZDF', '3 QVC Shop'],
  ],
  [
    'without an expression $1 is only text',
    [{ match: { name: ['ZDF'] }, rename: 'Z$1' }],
    ['1 ARD HD', '2 Z$1', '3 QVC Shop'],
  ],
  [
    'a number changes places with who had it',
    [{ match: { name: ['QVC*'] }, number: 1 }],
    ['1 QVC Shop', '2 ZDF', '3 ARD HD'],
  ],
  [
    'a bouquet gets numbers from 100',
    [{ match: { bouquet: ['favourites'] }, numberFrom: 100 }],
    ['100 ARD HD', '101 ZDF', '102 QVC Shop'],
  ],
  [
    'a single number goes before numbers from',
    [
      { match: {}, numberFrom: 100 },
      { match: { name: ['ZDF'] }, number: 100 },
    ],
    ['100 ZDF', '101 ARD HD', '102 QVC Shop'],
  ],
  ['no name is left empty', [{ match: { name: ['/.*/'] }, rename: '$1' }], ['1 $1', '2 $1', '3 $1']],
];
for (const [what, rules, expected] of cases) {
  test(what, (t) => {
    t.deepEqual(list(apply(three, rules).channels), expected);
  });
}

test('radio, kind, definition, provider, id and group can be asked for, all of one rule at once', (t) => {
  const channels = [
    channel(1, { radio: true, provider: 'ARD' }),
    channel(2, { definition: 'sd', provider: 'ARD' }),
    channel(3, { kind: 'iptv' }),
    channel(4, { heading: 'Sport', group: 'All' }),
  ];
  const left = (match: LineupRule['match']): number[] =>
    apply(channels, [{ match, hide: true }]).channels.map(({ number }) => number);
  t.deepEqual(left({ radio: true }), [2, 3, 4]);
  t.deepEqual(left({ definition: 'sd' }), [1, 3, 4]);
  t.deepEqual(left({ kind: 'iptv' }), [1, 2, 4]);
  t.deepEqual(left({ provider: ['a?d'] }), [3, 4]);
  t.deepEqual(left({ provider: ['ARD'], radio: false }), [1, 3, 4]);
  t.deepEqual(left({ group: ['sport'] }), [1, 2, 3]);
  t.deepEqual(left({ bouquet: ['sport'] }), [1, 2, 3, 4]);
  t.deepEqual(left({ id: [channel(2).id, channel(3).id] }), [1, 4]);
});

test('two channels that want one number: the first has it, the other is told', (t) => {
  const { channels, warnings } = apply(three, [{ match: {}, number: 7 }]);
  t.deepEqual(list(channels), ['2 ZDF', '3 QVC Shop', '7 ARD HD']);
  t.deepEqual(warnings, [
    '"ZDF" cannot have the number 7: "ARD HD" has it',
    '"QVC Shop" cannot have the number 7: "ARD HD" has it',
  ]);
});

test('what was set for one channel counts over every rule', (t) => {
  const overrides = { [channel(3).id]: { name: 'Mine', number: 1, hidden: false, group: 'House', logo: 'a.png' } };
  const { channels } = apply(three, [{ match: {}, number: 1, hide: true }], overrides);
  t.like(channels[0], { id: channel(3).id, name: 'Mine', number: 1, group: 'House', logo: 'a.png' });
  t.deepEqual(channels[0]?.groups, ['House', 'Favourites']);
});

test('numbers are unique and URLs stay, whatever the rules are', (t) => {
  const channels = Array.from({ length: 500 }, (_, index) => channel(index + 1));
  for (let seed = 1; seed <= 50; seed++) {
    let state = seed;
    const next = (below: number): number => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((state / 2_147_483_648) * below);
    };
    const rules = Array.from({ length: 40 }, (): LineupRule => {
      const match = { name: [`Channel ${next(50)}*`] };
      return [
        { match, number: 1 + next(600) },
        { match, numberFrom: 1 + next(600) },
        { match, hide: next(4) === 0 },
      ][next(3)] as LineupRule;
    });
    const { channels: shaped, hidden } = apply(channels, rules);
    t.is(new Set(shaped.map(({ number }) => number)).size, shaped.length, `seed ${seed}`);
    t.is(new Set([...shaped, ...hidden].map(({ id }) => id)).size, 500, `seed ${seed}`);
    t.true(shaped.every(({ number }, index) => index === 0 || number > (shaped[index - 1]?.number ?? 0)));
  }
});
