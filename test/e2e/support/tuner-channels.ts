/** Channels of the simulated receiver by transponder; ids are part of what users rely on. */
export const ON = {
  t11494: ['c00000-1-3fb-283d', 'c00000-1-3fb-2840', 'c00000-1-3fb-2841'],
  t11362: ['c00000-1-3f3-2b66', 'c00000-1-3f3-2b70', 'c00000-1-3f3-2b7a'],
  t11837: ['c00000-1-44d-6dca', 'c00000-1-44d-6dcb'],
  t12188: ['c00000-1-441-2ee3', 'c00000-1-441-2ee4'],
} as const;
