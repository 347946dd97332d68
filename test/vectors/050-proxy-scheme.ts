import { vector } from '../support/vectors.ts';

export default vector({
  row: 50,
  title: 'socks proxy variable',
  cases: [
    {
      env: {
        https_proxy: 'socks5://user:hunter2hunter2@proxy.example.test:1080',
        CONJUR_APPLIANCE_URL: 'https://conjur.example.test',
      },
      exit: 78,
      reason: 'PROXY_SCHEME',
      saysNot: [/hunter2/],
      packets: 0,
    },
  ],
});
