import { DVR_METHODS } from '../methods/dvr.ts';
import { FILE_METHODS } from '../methods/files.ts';
import { GUIDE_METHODS } from '../methods/guide.ts';
import { LOGIN_METHODS } from '../methods/login.ts';
import { METADATA_METHODS } from '../methods/metadata.ts';
import { SUBSCRIPTION_METHODS } from '../methods/subscription.ts';
import { SYSTEM_METHODS } from '../methods/system.ts';
import type { Method } from './session.ts';

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
