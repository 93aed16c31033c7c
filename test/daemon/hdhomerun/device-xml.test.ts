import { execFileSync } from 'node:child_process';
import test from 'ava';
import { XMLParser } from 'fast-xml-parser';
import { deriveDeviceId, isValidDeviceId } from '#daemon/hdhomerun/device-id.ts';
import { deviceXml } from '#daemon/hdhomerun/device-xml.ts';
import { DeviceBook } from '#daemon/hdhomerun/devices.ts';

const BOOK = new DeviceBook({
  name: 'Kino & <Küche> "1"',
  identity: { deviceId: deriveDeviceId('x') },
  tunerCount: () => 4,
  further: [
    { name: 'Kids', bouquets: [], tuners: 0, port: null },
    { name: 'Sport', bouquets: [], tuners: 0, port: null },
  ],
});

test('it is XML with all that UPnP and Plex want, whatever the name', (t) => {
  const xml = deviceXml(BOOK.first, 'http://10.0.0.5:8080');
  t.notThrows(() => execFileSync('xmllint', ['--noout', '-'], { input: xml }));
  const { root } = new XMLParser({ ignoreAttributes: false, parseTagValue: false }).parse(xml);
  t.is(root['@_xmlns'], 'urn:schemas-upnp-org:device-1-0');
  t.deepEqual(root.specVersion, { major: '1', minor: '0' });
  t.is(root.URLBase, 'http://10.0.0.5:8080');
  t.like(root.device, {
    deviceType: 'urn:schemas-upnp-org:device:MediaServer:1',
    friendlyName: 'Kino & <Küche> "1"',
    manufacturer: 'Silicondust',
    modelNumber: 'HDHR5-4DT',
    serialNumber: BOOK.first.identity.deviceId,
  });
  t.regex(root.device.UDN, /^uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('devices have ids of their own, valid and always the same', (t) => {
  const ids = BOOK.all.map(({ identity }) => identity.deviceId);
  t.is(new Set(ids).size, 3);
  t.true(ids.every(isValidDeviceId));
  t.is(new Set(BOOK.all.map(({ uuid }) => uuid)).size, 3);
});
