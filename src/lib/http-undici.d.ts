/**
 * The files of undici that are used, by their paths inside the package: its dispatcher core. Its entry file would load
 * HTTP/2, fetch, WebSocket, the cache and the mock as well.
 */

declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici';

  export default Client;
}

declare module 'undici/lib/core/connect.js' {
  import type { Socket } from 'node:net';

  import type { buildConnector } from 'undici';

  /** The published types leave out that it returns the socket which it opens. */
  type Connect = (options: buildConnector.Options, callback: buildConnector.Callback) => Socket;
  export default function buildConnect(options: buildConnector.BuildOptions): Connect;
}
