export { channelActivation } from '../../workflows/channel-activation';
export { channelDeactivation } from '../../workflows/channel-deactivation';
export { connectionCheck } from '../../workflows/connection-check';
export { secretRotation } from '../../workflows/secret-rotation';
