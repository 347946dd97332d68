import { vector } from '../support/vectors.ts';
import { lateServer } from '../support/odd-servers.ts';
import { connect } from 'node:net';

export default vector({
  row: 40,
  title: 'connection refused, then up',
  cases: [
    {
      before: (stage) => {
        const { hostname, port } = new URL(stage.rehearsal.url);
        const late = lateServer(stage, 700, (socket) => {
          const onward = connect(Number(port), hostname);
          onward.on('error', () => socket.destroy());
          socket.pipe(onward).pipe(socket);
        });
        return { CONJUR_APPLIANCE_URL: `https://127.0.0.1:${late}` };
      },
      exit: 0,
    },
  ],
});
