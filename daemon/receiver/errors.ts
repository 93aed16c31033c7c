import { errorCode, errorMessage, XgError } from '#shared/errors.ts';

/** Stable codes of everything that can go wrong between us and the receiver. */
export type ReceiverErrorCode =
  | 'RECEIVER_UNREACHABLE'
  | 'RECEIVER_TIMEOUT'
  | 'RECEIVER_TLS'
  | 'RECEIVER_AUTH'
  | 'RECEIVER_FORBIDDEN'
  | 'RECEIVER_REDIRECT'
  | 'RECEIVER_NOT_FOUND'
  | 'RECEIVER_NOT_OPENWEBIF'
  | 'RECEIVER_BAD_ANSWER'
  | 'RECEIVER_TOO_LARGE'
  | 'RECEIVER_BUSY'
  | 'RECEIVER_BUDGET'
  | 'RECEIVER_REFUSED'
  | 'RECEIVER_NO_FILE';

const NETWORK_TEXT: Readonly<Record<string, string>> = {
  ECONNREFUSED:
    'it refuses the connection. Check that the receiver is on (not in deep standby) and that XG2G_E2_HOST has the right port',
  ENOTFOUND: 'its name is not known here. Check XG2G_E2_HOST, or use the IP address',
  EAI_AGAIN: 'its name could not be looked up. Check the DNS of this machine, or use the IP address in XG2G_E2_HOST',
  EHOSTUNREACH: 'there is no route to it. Check that XG2G_E2_HOST is right and the receiver is switched on',
  ENETUNREACH: 'there is no route to its network. Check the network of this machine',
  EHOSTDOWN: 'it does not answer on the network. Check that the receiver is switched on',
  ECONNRESET: 'it closed the connection before it answered. If it asks for https, write https:// in XG2G_E2_HOST',
  UND_ERR_SOCKET: 'it closed the connection before it answered. If it asks for https, write https:// in XG2G_E2_HOST',
  EPIPE: 'it closed the connection before it answered. If it asks for https, write https:// in XG2G_E2_HOST',
};

const CERTIFICATE =
  /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS_|ERR_SSL_|EPROTO)/;

export function receiverError(code: ReceiverErrorCode, message: string, url: URL, cause?: unknown): XgError {
  return new XgError(code, message, { cause, data: { receiver: url.origin, path: url.pathname } });
}

/**
 * Names what went wrong on the wire. `phase` is where: a connection that breaks inside the body is a bad answer, not an
 * unreachable box.
 */
export function networkError(cause: unknown, url: URL, phase: 'request' | 'body'): XgError {
  const code = causeCode(cause);
  if (phase === 'body' && !code.endsWith('_TIMEOUT')) {
    return receiverError(
      'RECEIVER_BAD_ANSWER',
      `The answer of the receiver at ${url.origin} to ${url.pathname} was cut off (${errorMessage(cause)}). It will be asked again; if this stays, restart the receiver's web interface`,
      url,
      cause,
    );
  }
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') {
    return receiverError(
      'RECEIVER_TIMEOUT',
      `The receiver at ${url.origin} did not accept the connection in time. Check that XG2G_E2_HOST is right and the receiver is switched on`,
      url,
      cause,
    );
  }
  if (code.endsWith('_TIMEOUT')) return slowAnswer(url, cause);
  if (CERTIFICATE.test(code)) {
    return receiverError(
      'RECEIVER_TLS',
      `No secure connection to the receiver at ${url.origin}: ${errorMessage(cause)}. For a certificate the box made itself set XG2G_E2_TLS_VERIFY=false; if it speaks plain http, write http:// in XG2G_E2_HOST`,
      url,
      cause,
    );
  }
  if (code.startsWith('HPE_') || code === 'HTTPParserError') {
    return receiverError(
      'RECEIVER_NOT_OPENWEBIF',
      `What answers at ${url.origin} does not speak HTTP (${errorMessage(cause)}). XG2G_E2_HOST must name the port of the web interface (80 or 443), not the stream port`,
      url,
      cause,
    );
  }
  const text = NETWORK_TEXT[code] ?? `${errorMessage(cause)}. Check XG2G_E2_HOST and that the receiver is switched on`;
  return receiverError('RECEIVER_UNREACHABLE', `The receiver at ${url.origin} cannot be reached: ${text}`, url, cause);
}

export function slowAnswer(url: URL, cause?: unknown): XgError {
  return receiverError(
    'RECEIVER_TIMEOUT',
    `The receiver at ${url.origin} took too long to answer ${url.pathname}. It may be busy; it will be asked again`,
    url,
    cause,
  );
}

/** Names a status other than 200; null when the status is fine. */
export function statusError(
  answer: { status: number; body: string; location: string | null; loginSent: boolean },
  url: URL,
): XgError | null {
  const { status, body, location } = answer;
  if (status >= 200 && status < 300) return null;
  const where = `The receiver at ${url.origin}`;
  if (status === 401) {
    const given = answer.loginSent ? 'the user or the password is wrong' : 'no user and password are set';
    return receiverError(
      'RECEIVER_AUTH',
      `${where} asks for a login and ${given}. Set XG2G_E2_USER and XG2G_E2_PASS to those of its web interface`,
      url,
    );
  }
  if (status === 403) {
    return receiverError(
      'RECEIVER_FORBIDDEN',
      `${where} refuses this machine (403${clip(body, ': ')}). Allow its address in the settings of OpenWebif, and check whether root may log in from the network`,
      url,
    );
  }
  if (status >= 300 && status < 400) {
    return receiverError(
      'RECEIVER_REDIRECT',
      `${where} sends us on to ${location ?? 'nowhere'} (${status}). Write that address in XG2G_E2_HOST`,
      url,
    );
  }
  if (status === 404) {
    return receiverError('RECEIVER_NOT_FOUND', `${where} does not know ${url.pathname} (404)`, url);
  }
  if (status === 429 || status === 503) {
    return receiverError('RECEIVER_BUSY', `${where} is busy (${status}) and will be asked again`, url);
  }
  return receiverError(
    'RECEIVER_BAD_ANSWER',
    `${where} answered ${url.pathname} with status ${status}${clip(body, ': ')}`,
    url,
  );
}

/** The first line of an error body without its markup, for the end of a message. */
function clip(body: string, before: string): string {
  const text = body
    .replace(/<(style|script|head)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return text === '' ? '' : `${before}${text.slice(0, 200)}`;
}

/** Undici wraps Node's error, and Node wraps one error per address of a name that has several. */
function causeCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return causeCode(error.errors[0]);
  return errorCode(error);
}
