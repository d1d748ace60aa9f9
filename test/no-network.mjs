// Preloaded with --import: a connection, a question to a name server or a datagram ends the process and is noted in
// $OHEM_NETWORK_LOG. Pipes and local sockets by path are no network.
import dgram from 'node:dgram';
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

function refuse(what) {
  appendFileSync(process.env.OHEM_NETWORK_LOG, `${what}\n${new Error('asked here').stack}\n`);
  process.exit(99);
}

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  const isLocal = typeof options === 'string' || typeof options?.path === 'string';
  return isLocal ? connect.apply(this, args) : refuse(`connect ${JSON.stringify(options)}`);
};
for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6']) dns[name] = (host) => refuse(`dns ${host}`);
dgram.Socket.prototype.send = () => refuse('datagram');
globalThis.fetch = (url) => refuse(`fetch ${url}`);
syncBuiltinESMExports();
