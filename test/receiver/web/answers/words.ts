/** Booleans of some calls are words. */
export const word = (value: boolean): string => (value ? 'true' : 'false');
