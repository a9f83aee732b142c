/** Links: where they stand in texts, where they lead, what they show by themselves, and who knows them. */
export { readAddress, type Address } from './address';
export { createLinkFetcher, type FetchRefusal, type FollowedLink, type LinkFetcherOptions } from './fetcher';
export { guardLinkEngine, type GuardedLinkEngine, type GuardOptions } from './guarded-engine';
export { linksOfHtml } from './html';
export { isPrivateAddress } from './ip-ranges';
export { createJudge, type JudgedLink } from './judge';
export { allFailed, type LinkAnswer, type LinkEngine, type LinkEngineHealth, type LinkFinding } from './link-engine';
export { linkKey } from './link-key';
export { createThreatfoxEngine, createUrlhausEngine, type AbuseChOptions } from './reputation/abuse-ch';
export { createFeedEngine, type FeedOptions } from './reputation/feed';
export { createGoogleEngine, type GoogleOptions } from './reputation/google';
export { watchFeed, type WatchedFeedOptions } from './reputation/watched-feed';
export { createRedirectFollower, type Redirected, type RedirectFollower } from './redirects';
export { unwrapLink, type Unwrapped } from './rewriters';
export { LINKS_ENGINE } from './rules';
export { isSingleUse } from './single-use';
export { linksOfText, MAX_TEXT_LINKS, type Extracted, type TextLink } from './text';
