import type { PeerCertificate } from 'node:tls';

import { type FailureFacts, type Reason, SecretctlError, systemCode } from './errors.ts';
import { visible } from './text.ts';

/** Why there is no answer, and what may be done about it. */
export interface Fault {
  readonly error: SecretctlError;
  /** How far the request got: nothing of it left, it left and no byte came back, a part of the answer came back. */
  readonly stage: 'connect' | 'sent' | 'answer';
  /** Whether the same request to the same endpoint may go better. */
  readonly mayRepeat: boolean;
  /** Whether another endpoint may do. */
  readonly elsewhere: boolean;
}

/** Carries a fault through undici, which treats some error codes of its own as a reason to connect for ever. */
export class ConnectError extends Error {
  readonly fault: Fault;

  /** `cause` is the error that it was made from: for decisions, not for showing. */
  constructor(fault: Fault, cause?: unknown) {
    super(fault.error.message, { cause });
    this.name = 'ConnectError';
    this.fault = fault;
  }
}

/** Who was being connected to. */
export interface Peer {
  /** `host:port`, or `the proxy http://host:port`. */
  readonly shown: string;
  readonly hostname: string;
  /** The proxy in between, if any. */
  readonly proxy: string | undefined;
  /** Where the CA that replaces the default roots came from. */
  readonly caOrigin: string | undefined;
  readonly hasClientCertificate: boolean;
}

/** What is known of a connection that failed. */
export interface FailedConnection {
  /** The peer's certificate, once the handshake had brought it. */
  readonly certificate: PeerCertificate | undefined;
  /** The handshake was complete, and what failed is our own judgement of the certificate. */
  readonly isJudged: boolean;
  /** Cipher and keys were agreed. */
  readonly hasKeys: boolean;
}

/** A fault that no other try and no other endpoint would mend. */
export function finalFault(reason: Reason, message: string, facts: FailureFacts = {}): Fault {
  return { error: new SecretctlError(reason, message, facts), stage: 'answer', mayRepeat: false, elsewhere: false };
}

/** A fault before anything of the request left, which may be gone at the next try. */
export function unreachable(reason: Reason, message: string, facts: FailureFacts = {}): Fault {
  return { error: new SecretctlError(reason, message, facts), stage: 'connect', mayRepeat: true, elsewhere: true };
}

/** What a failure to connect means. The error's own text is never shown. */
export function connectFault(error: unknown, peer: Peer, failed: FailedConnection): Fault {
  if (error instanceof ConnectError) return error.fault;
  const code = systemCode(error) ?? 'unknown';
  if (failed.isJudged && !/^E[A-Z]+$/.test(code)) return untrusted(code, peer, failed.certificate);
  if (code === 'ENOTFOUND' || code.startsWith('EAI_')) {
    const fault = unreachable('DNS', `the name of ${peer.shown} cannot be resolved (${code})`, {
      hint: RESOLVING,
    });
    return { ...fault, mayRepeat: code === 'EAI_AGAIN' };
  }
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO') return tlsFault(error, code, peer, failed.hasKeys);
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return unreachable('CONNECTION_LOST', `${peer.shown} closed the connection before it was set up (${code})`, {
      hint: 'this may pass: run the job again; if it does not, look for a firewall or proxy on the way',
    });
  }
  return unreachable('CONNECT', `cannot connect to ${peer.shown} (${visible(code)})`, {
    hint: 'check host and port of the URL, that the server is up, and whether a firewall or a missing proxy stands in the way',
  });
}

const RESOLVING =
  "check the name in the URL and the runner's resolver; behind a proxy, set HTTPS_PROXY: the proxy then resolves the name";

/** A fault of TLS after the handshake, as TLS 1.3 reports a missing client certificate; undefined for any other error. */
export function lateTlsFault(error: unknown, peer: Peer): Fault | undefined {
  const code = systemCode(error) ?? '';
  if (!code.startsWith('ERR_SSL_')) return undefined;
  return tlsFault(error, code, peer, true);
}

function final(reason: Reason, message: string, facts: FailureFacts = {}): Fault {
  return { ...finalFault(reason, message, facts), stage: 'connect' };
}

/** Alerts by which a server says that it wants another client certificate, or one at all. */
const CLIENT_CERTIFICATE_ALERT =
  /ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_(?:REVOKED|EXPIRED|UNKNOWN)|UNKNOWN_CA|ACCESS_DENIED)$/;
const VERSION_FAULT = /ALERT_PROTOCOL_VERSION$|UNSUPPORTED_PROTOCOL$|WRONG_SSL_VERSION$|NO_PROTOCOLS_AVAILABLE$/;
const NO_TLS =
  /WRONG_VERSION_NUMBER$|PACKET_LENGTH_TOO_LONG$|UNKNOWN_PROTOCOL$|HTTP_REQUEST$|UNEXPECTED_MESSAGE$|BAD_RECORD_TYPE$/;

function tlsFault(error: unknown, code: string, peer: Peer, hasKeys: boolean): Fault {
  const name = code === 'EPROTO' ? reasonOf(error) : code;
  if (NO_TLS.test(name)) {
    if (peer.proxy === undefined) {
      return final('TLS_NOT_TLS', `${peer.shown} does not speak TLS on this port`, {
        hint: "check the port in the backend's URL",
      });
    }
    return final('PROXY_PROTOCOL', `what came through the proxy ${peer.proxy} from ${peer.shown} is not TLS`);
  }
  if (VERSION_FAULT.test(name)) return final('TLS_VERSION', `${peer.shown} offers no TLS version from 1.2 up`);
  // Before there are keys this alert means "no cipher in common"; after that, in TLS 1.2, a missing client certificate.
  const isRefusedClient = hasKeys && name.endsWith('ALERT_HANDSHAKE_FAILURE');
  if (isRefusedClient || CLIENT_CERTIFICATE_ALERT.test(name)) return clientRefused(peer, name);
  return final('TLS_HANDSHAKE', `the TLS handshake with ${peer.shown} failed (${visible(name)})`);
}

function clientRefused(peer: Peer, name: string): Fault {
  if (peer.hasClientCertificate) {
    return final('MTLS_REQUIRED', `${peer.shown} refused the client certificate (${visible(name)})`);
  }
  return final('MTLS_REQUIRED', `${peer.shown} wants a client certificate, and none is set`, {
    hint: 'set the client certificate and its key for this backend',
  });
}

/** OpenSSL's own word for it, in the shape of Node's codes. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error && 'reason' in error && typeof error.reason === 'string' ? error.reason : '';
  return text === '' ? 'EPROTO' : text.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');
}

const UNKNOWN_ISSUER = 'its issuer is not among the trusted ones';

const CHECKS: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is made out to another name',
  CERT_HAS_EXPIRED: 'it or one above it has expired',
  CERT_NOT_YET_VALID: 'it or one above it is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed and not among the trusted ones',
  SELF_SIGNED_CERT_IN_CHAIN: 'its chain ends in a root that is not among the trusted ones',
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_ISSUER,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_ISSUER,
  CERT_SIGNATURE_FAILURE: 'its signature is not that of its issuer',
  CERT_REVOKED: 'it was revoked',
  INVALID_PURPOSE: 'it is not meant for servers',
};

const ISSUER_FAULTS = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Whether more roots could have made the difference. */
export function isIssuerFault(error: unknown): boolean {
  return ISSUER_FAULTS.has(systemCode(error) ?? '');
}

function untrusted(code: string, peer: Peer, certificate: PeerCertificate | undefined): Fault {
  const check = CHECKS[code] ?? 'a check of its chain failed';
  const message = `the certificate of ${peer.shown} is not trusted: ${check} (${visible(code)})${described(code, peer, certificate)}`;
  return final('TLS_TRUST', message, { hint: trustHint(code, peer) });
}

function described(code: string, peer: Peer, certificate: PeerCertificate | undefined): string {
  if (certificate === undefined) return '';
  const parts = [`subject ${named(certificate.subject)}`, `issuer ${named(certificate.issuer)}`];
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    parts.push(`expected ${visible(peer.hostname)}, made out to ${visible(certificate.subjectaltname ?? 'no name')}`);
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    parts.push(`valid from ${visible(certificate.valid_from)} to ${visible(certificate.valid_to)}`);
  }
  return `: ${parts.join('; ')}`;
}

/** A distinguished name on one line. */
function named(name: PeerCertificate['subject']): string {
  const parts = Object.entries(name).flatMap(([type, values]) => [values].flat().map((value) => `${type}=${value}`));
  return parts.length === 0 ? '(empty)' : visible(parts.join(', '));
}

function trustHint(code: string, peer: Peer): string {
  if (!ISSUER_FAULTS.has(code))
    return '--ca-file does not help here: the server needs another certificate, or the URL another name';
  if (peer.caOrigin !== undefined)
    return `only ${peer.caOrigin} is trusted for this backend (--ca-file): add the authority to it`;
  return 'if this is the right server, give its authority with --ca-file';
}
