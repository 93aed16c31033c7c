import type { Method } from '../server/method.ts';

export const FILE_METHODS: Readonly<Record<string, Method>> = {};
