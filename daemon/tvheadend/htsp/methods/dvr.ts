import type { Method } from '../server/session.ts';

export const DVR_METHODS: Readonly<Record<string, Method>> = {};
