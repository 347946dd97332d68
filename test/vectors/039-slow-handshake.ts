import { vector } from '../support/vectors.ts';
import { rawServer } from '../support/odd-servers.ts';
import { connect } from 'node:net';

export default vector({
  row: 39,
  title: 'handshake slower than 250 ms',
  cases: [
    {
      before: async (stage) => {
        const port = await rawServer(stage, (socket) => {
          const { hostname, port: there } = new URL(stage.rehearsal.url);
          const onward = connect(Number(there), hostname);
          onward.on('error', () => socket.destroy());
          onward.pipe(socket);
          socket.once('data', (hello: Buffer) => {
            socket.pause();
            setTimeout(() => {
              onward.write(hello);
              socket.pipe(onward);
            }, 400);
          });
        });
        return { CONJUR_APPLIANCE_URL: `https://127.0.0.1:${port}` };
      },
      exit: 0,
    },
  ],
});
