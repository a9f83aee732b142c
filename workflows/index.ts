export { attachmentReview } from './attachment-review';
export { channelActivation } from './channel-activation';
export { channelDeactivation } from './channel-deactivation';
export { connectionCheck } from './connection-check';
export { mailDelivery } from './mail-delivery';
export { secretRotation } from './secret-rotation';
export { ticketIntake } from './ticket-intake';
export { ticketNotes } from './ticket-notes';
