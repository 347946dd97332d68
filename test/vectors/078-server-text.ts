import { vector } from '../support/vectors.ts';
import { reply, tlsServer } from '../support/odd-servers.ts';

/** A 401 whose body quotes the request. */
function refusal(token: string): string {
  const body = JSON.stringify({ error: { code: token, message: `bad token ${token}` } });
  return `HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

export default vector({
  row: 78,
  title: 'server error text that is hostile',
  cases: [
    {
      faults: ['exchange:401*9;error=\u001b[31m::set-env name=x::y ##vso[task.x]z'],
      exit: 77,
      reason: 'AUTH_REFUSED',
      saysNot: [/\u001b/, /::set-env/, /##vso\[/],
    },
    {
      name: 'our own token',
      before: async (stage) => (await tlsServer(stage, reply(refusal(stage.env['SECRETCTL_ID_TOKEN'] ?? '')))).env,
      exit: 77,
      reason: 'AUTH_REFUSED',
    },
  ],
});
