// Preloaded with --import: this process can reach nobody, as on a machine without a network.
import net from 'node:net';

net.Socket.prototype.connect = function () {
  const error = Object.assign(new Error('connect ENETUNREACH'), { code: 'ENETUNREACH' });
  process.nextTick(() => this.destroy(error));
  return this;
};
