import type { FuzzTarget } from './target.ts';
import { controlTarget } from './targets/control.ts';
import { engineTarget } from './targets/engine.ts';
import { frameParserTarget } from './targets/frame-parser.ts';
import { frameSplitterTarget } from './targets/frame-splitter.ts';
import { hdhomerunTarget } from './targets/hdhomerun.ts';
import { htspTarget } from './targets/htsp.ts';
import { htspDemuxTarget } from './targets/htsp-demux.ts';
import { requestsTarget } from './targets/requests.ts';
import { settingsTarget } from './targets/settings.ts';

export const TARGETS: readonly [FuzzTarget, ...FuzzTarget[]] = [
  engineTarget,
  frameSplitterTarget,
  frameParserTarget,
  controlTarget,
  requestsTarget,
  hdhomerunTarget,
  htspTarget,
  htspDemuxTarget,
  settingsTarget,
];
