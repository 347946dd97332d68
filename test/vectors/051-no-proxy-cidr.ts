import { connect } from 'node:net';
import { rawServer } from '../support/odd-servers.ts';
import { vector } from '../support/vectors.ts';

export default vector({
  row: 51,
  title: 'no_proxy with CIDR',
  cases: [
    {
      env: {
        CONJUR_APPLIANCE_URL: 'https://conjur.example.test',
        no_proxy: '10.0.0.0/8',
        SECRETCTL_SERVER_NAME: 'localhost',
      },
      before: async (stage) => {
        const port = await rawServer(stage, (socket) => {
          socket.once('data', () => {
            const onward = connect(Number(new URL(stage.rehearsal.url).port), '127.0.0.1');
            onward.on('error', () => socket.destroy());
            socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
            socket.pipe(onward).pipe(socket);
          });
        });
        return { https_proxy: `http://127.0.0.1:${port}` };
      },
      exit: 0,
      says: [/warning: no_proxy: "10\.0\.0\.0\/8"/],
    },
  ],
});
