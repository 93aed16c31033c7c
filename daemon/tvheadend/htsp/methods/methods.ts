import type { Method } from '../server/method.ts';
import { DVR_METHODS } from './dvr.ts';
import { FILE_METHODS } from './files.ts';
import { GUIDE_METHODS } from './guide.ts';
import { LOGIN_METHODS } from './login.ts';
import { METADATA_METHODS } from './metadata.ts';
import { SUBSCRIPTION_METHODS } from './subscription.ts';
import { SYSTEM_METHODS } from './system.ts';

/** Everything a client may ask, by name. */
export const METHODS: ReadonlyMap<string, Method> = new Map(
  Object.entries({
    ...LOGIN_METHODS,
    ...SYSTEM_METHODS,
    ...METADATA_METHODS,
    ...GUIDE_METHODS,
    ...SUBSCRIPTION_METHODS,
    ...DVR_METHODS,
    ...FILE_METHODS,
  }),
);
