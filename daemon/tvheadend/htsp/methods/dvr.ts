import type { Method } from '../server/method.ts';

export const DVR_METHODS: Readonly<Record<string, Method>> = {};
