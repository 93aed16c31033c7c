import type { Box } from '../../box/box.ts';
import { DEVICE, DISK, MAC } from '../answers/device.ts';
import { reception } from '../answers/status.ts';
import { tunerName } from '../answers/tuner-rows.ts';
import { document, elements, spacedElement, within } from './elements.ts';

const VERSIONS = {
  e2enigmaversion: DEVICE.enigmaver,
  e2imageversion: DEVICE.imagever,
  e2webifversion: DEVICE.webifver,
} as const;

export function aboutXml(): string {
  return document(within('e2abouts', within('e2about', elements({ ...VERSIONS, e2model: DEVICE.model }))));
}

export function deviceInfoXml(box: Box): string {
  const tuners = Array.from({ length: box.tuners.count }, (_, index) => {
    const { name, type } = tunerName(index);
    return within('e2frontend', elements({ e2name: name, e2model: type }));
  });
  const net = { e2name: 'eth0', e2mac: MAC, e2dhcp: 'True', e2ip: '127.0.0.1', e2gateway: '127.0.0.1', e2netmask: '' };
  const disk = { e2model: DISK.model, e2capacity: DISK.capacity, e2free: DISK.free, e2mount: DISK.mount };
  return document(
    within(
      'e2deviceinfo',
      elements({ ...VERSIONS, e2distroversion: DEVICE.friendlyimagedistro, e2fpversion: 'None' }),
      elements({ e2devicename: DEVICE.boxtype }),
      within('e2frontends', ...tuners),
      within('e2network', within('e2interface', elements(net))),
      within('e2hdds', within('e2hdd', elements(disk))),
    ),
  );
}

export function powerStateXml(box: Box): string {
  return document(within('e2powerstate', spacedElement('e2instandby', box.standby ? 'true' : 'false')));
}

export function signalXml(box: Box): string {
  const { snr, snr_db, agc, ber } = reception(box);
  return document(
    within(
      'e2frontendstatus',
      spacedElement('e2snrdb', `${snr_db} dB`),
      spacedElement('e2snr', `${snr} %`),
      spacedElement('e2ber', ber),
      spacedElement('e2acg', `${agc} %`),
    ),
  );
}

export function settingsXml(rows: readonly (readonly [string, string])[]): string {
  const settings = rows.map(([name, value]) =>
    within('e2setting', elements({ e2settingname: name, e2settingvalue: value })),
  );
  return document(within('e2settings', ...settings));
}

export function currentServiceXml(box: Box): string {
  const service = box.standby
    ? { e2servicereference: '', e2servicename: '', e2providername: '' }
    : {
        e2servicereference: box.current.ref,
        e2servicename: box.current.name,
        e2providername: box.current.provider,
      };
  return document(within('e2currentserviceinformation', within('e2service', elements(service))));
}

export function subservicesXml(box: Box): string {
  const { ref, name } = box.standby ? { ref: 'N/A', name: 'N/A' } : box.current;
  const row = within('e2service', elements({ e2servicereference: ref, e2servicename: name }));
  return document(within('e2servicelist', row));
}
