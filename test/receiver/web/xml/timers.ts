import type { Box } from '../../box/box.ts';
import { MOVIE_DIRECTORY } from '../../box/movies.ts';
import type { Timer } from '../../box/timer.ts';
import { document, elements, within } from './elements.ts';

function timerXml(timer: Timer): string {
  return within(
    'e2timer',
    elements({
      e2servicereference: timer.service.ref,
      e2servicename: timer.service.name,
      e2eit: timer.eit,
      e2name: timer.name,
      e2description: timer.description,
      e2descriptionextended: timer.description === '' ? 'N/A' : timer.description,
      e2disabled: timer.disabled ? 1 : 0,
      e2timebegin: timer.begin,
      e2timeend: timer.end,
      e2duration: timer.end - timer.begin,
      e2startprepare: timer.begin - 20,
      e2justplay: timer.justplay ? 1 : 0,
      e2afterevent: timer.afterevent,
      e2location: timer.dirname === '' ? 'None' : timer.dirname,
      e2tags: timer.tags,
      e2logentries: timer.log,
      e2filename: timer.filename ?? '',
      e2backoff: 0,
      e2nextactivation: timer.begin - 20,
      e2firsttryprepare: 'True',
      e2state: timer.state,
      e2repeated: timer.repeated,
      e2dontsave: 0,
      e2cancled: 'False',
      e2color: timer.state === 2 ? '0000FF' : '000000',
      e2toggledisabled: timer.disabled ? 0 : 1,
      e2toggledisabledimg: timer.disabled ? 'on' : 'off',
    }),
  );
}

export function timerListXml(box: Box): string {
  return document(within('e2timerlist', ...box.timers.all.map(timerXml)));
}

export function locationsXml(): string {
  return document(within('e2locations', elements({ e2location: MOVIE_DIRECTORY })));
}

/** The plugin is there and has no rules. */
export function autoTimerSettingsXml(): string {
  const names = ['add_autotimer_to_tags', 'add_name_to_tags'];
  const settings = names.map((name) =>
    within('e2setting', elements({ e2settingname: `config.plugins.autotimer.${name}`, e2settingvalue: 'True' })),
  );
  return document(within('e2settings', ...settings));
}
