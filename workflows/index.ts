export { attachmentReview } from './attachment-review';
export { mailDelivery } from './mail-delivery';
export { ticketIntake } from './ticket-intake';
export { ticketNotes } from './ticket-notes';
