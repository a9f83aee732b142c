/** Refusals on the pages of an activation: status, and two sentences for the person who sees them. */
const PAGE_PROBLEMS = {
  unknown_attempt: [404, 'There is no such activation.', 'Start the activation again in Lazaret.'],
  already_used: [409, 'This sign-in was used already; it counts once.', 'Start the activation again in Lazaret.'],
  expired: [410, 'This sign-in took longer than ten minutes.', 'Start the activation again in Lazaret.'],
  no_state: [400, 'This address is opened by Zendesk’s sign-in page only.', 'Start the activation in Lazaret.'],
  unknown_state: [
    400,
    'This answer belongs to no open sign-in: it was made up, or a newer sign-in has taken its place.',
    'Start the activation again in Lazaret.',
  ],
  wrong_browser: [
    403,
    'This sign-in was begun in another browser.',
    'Go on in the browser in which you began, or start the activation again in this one.',
  ],
  access_denied: [
    403,
    'Access was declined on Zendesk’s page. Nothing was made.',
    'Start the activation again if that was a mistake.',
  ],
  zendesk_refused: [
    502,
    'Zendesk’s sign-in page ended with an error. Nothing was made.',
    'Check the OAuth client (identifier, redirect address, scopes) in Zendesk, then start the activation again.',
  ],
  no_code: [400, 'Zendesk’s answer holds no code. Nothing was made.', 'Start the activation again in Lazaret.'],
  code_refused: [
    400,
    'Zendesk does not accept this sign-in for the account whose sub-domain was entered: it is too old, was used before, or belongs to another account. Nothing was made.',
    'Start the activation again, and sign in to the account whose sub-domain you enter.',
  ],
  client_refused: [
    400,
    'Zendesk does not know the OAuth client, or its secret is wrong. Nothing was made.',
    'Check identifier and secret of the OAuth client in Zendesk’s Admin Center, then start the activation again.',
  ],
  unknown_subdomain: [404, 'Zendesk has no help desk under this sub-domain.', 'Start again with the right sub-domain.'],
  nobody_signed_in: [400, 'Zendesk says that nobody is signed in. Nothing was made.', 'Start the activation again.'],
  scope_refused: [
    403,
    'The sign-in may not even read who signed in. Nothing was made.',
    'Allow the OAuth client the scopes "read write", then start the activation again.',
  ],
  zendesk_unavailable: [
    502,
    'Zendesk did not answer as it should. Nothing was made.',
    'Start the activation again in a few minutes.',
  ],
  under_way: [409, 'This connection is being activated already.', 'Wait until its steps have ended.'],
  not_started: [
    503,
    'The activation is recorded but could not be started yet.',
    'Reload this page in a minute: it starts the activation as soon as that is possible.',
  ],
  bad_form: [
    403,
    'This form does not come from the page that Lazaret showed.',
    'Go back, reload the page and try again.',
  ],
} as const satisfies Record<string, readonly [number, string, string]>;

export type PageProblemKind = keyof typeof PAGE_PROBLEMS;

/** A refusal that is shown as a page, or as a problem document to who asks for JSON. */
export class PageProblem extends Error {
  override readonly name = 'PageProblem';
  readonly kind: PageProblemKind;
  readonly status: number;
  readonly problem: string;
  readonly remedy: string;

  constructor(kind: PageProblemKind) {
    super(kind);
    this.kind = kind;
    [this.status, this.problem, this.remedy] = PAGE_PROBLEMS[kind];
  }
}
