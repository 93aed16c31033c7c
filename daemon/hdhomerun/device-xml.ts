import { escapeXml } from '../guide/xml-text.ts';
import { MODEL } from './answers.ts';
import type { HdhrDevice } from './devices.ts';

/** Spec: UPnP Device Architecture 1.0, 2.1 Device description; MediaServer:1 Device Template, 2.1. */
export const UPNP_DEVICE_TYPE = 'urn:schemas-upnp-org:device:MediaServer:1';

/** What UPnP control points read of a device, and Plex before anything else. */
export function deviceXml(device: Pick<HdhrDevice, 'name' | 'identity' | 'uuid'>, baseUrl: string): string {
  const element = (name: string, text: string): string => `    <${name}>${escapeXml(text)}</${name}>\n`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<root xmlns="urn:schemas-upnp-org:device-1-0">
  <specVersion><major>1</major><minor>0</minor></specVersion>
  <URLBase>${escapeXml(baseUrl)}</URLBase>
  <device>
${[
  element('deviceType', UPNP_DEVICE_TYPE),
  element('friendlyName', device.name),
  element('manufacturer', 'Silicondust'),
  element('manufacturerURL', 'https://www.silicondust.com/'),
  element('modelDescription', `${MODEL.number} (xg2g)`),
  element('modelName', MODEL.number),
  element('modelNumber', MODEL.number),
  element('serialNumber', device.identity.deviceId),
  element('UDN', `uuid:${device.uuid}`),
  element('presentationURL', baseUrl),
].join('')}  </device>
</root>
`;
}
