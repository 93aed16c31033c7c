import type { Method } from '../server/session.ts';

export const FILE_METHODS: Readonly<Record<string, Method>> = {};
