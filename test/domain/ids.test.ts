import fc from 'fast-check';
import * as ids from '../../domain/ids';

const anyId = fc.stringMatching(/^[0-9a-f-]{1,36}$/);
const anyKey = fc.record({ connectionId: anyId, ticketId: anyId, attachmentId: anyId });

describe('workflow ids', () => {
  it('are the contract that the design names', () => {
    const key = { connectionId: 'c', ticketId: '7', attachmentId: '9' };
    expect(ids.attachmentReviewId(key)).toBe('attachment:c:7:9');
    expect(ids.ticketNotesId('c', '7')).toBe('notes:c:7');
    expect(ids.ticketIntakeId('c', '7')).toBe('intake:c:7');
    expect(ids.mailDeliveryId('m')).toBe('mail:m');
    expect(ids.channelActivationId('c')).toBe('activation:c');
  });

  it('give back the key that they were made from', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        expect(ids.parseAttachmentReviewId(ids.attachmentReviewId(key))).toEqual(key);
      }),
    );
  });

  it('differ for different attachments', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        return same === (ids.attachmentReviewId(one) === ids.attachmentReviewId(other));
      }),
    );
  });

  it.each([
    '',
    'attachment',
    'attachment:c:7',
    'attachment:c:7:',
    'attachment::7:9',
    'attachment:c:7:9:1',
    'notes:c:7:9',
    'x',
  ])('are not read from %j', (text) => {
    expect(ids.parseAttachmentReviewId(text)).toBeUndefined();
  });
});
