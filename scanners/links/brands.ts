/** Names that phishing borrows, and the domains that are really theirs. Public knowledge, by hand; `money` and `access` are what accounts are stolen for. */

export type BrandKind = 'money' | 'access' | 'parcel' | 'shop' | 'social';

export interface Brand {
  /** The label before the suffix of its main domain. */
  name: string;
  kind: BrandKind;
  domains: ReadonlySet<string>;
}

/** `name other-domains…`; the main domain is `name.com` unless a name with a dot comes first. */
const TABLE: Readonly<Record<BrandKind, string>> = {
  money: `
paypal paypal.me paypal-communication.com paypalobjects.com paypal-community.com
americanexpress aexp.com amex.com
bankofamerica bofa.com
wellsfargo wf.com
chase jpmorganchase.com jpmorgan.com
citibank citi.com citigroup.com
capitalone
barclays barclays.co.uk barclaycard.co.uk
hsbc hsbc.co.uk
lloydsbank lloydsbank.co.uk
natwest
santander santander.co.uk santander.de santander.es
deutsche-bank deutsche-bank.de db.com
commerzbank commerzbank.de
sparkasse sparkasse.de
postbank postbank.de
volksbank volksbank.de vr.de
comdirect comdirect.de
consorsbank consorsbank.de
bnpparibas bnpparibas.fr
creditagricole credit-agricole.fr
societegenerale societegenerale.fr
intesasanpaolo
unicredit unicredit.it
rabobank rabobank.nl
abnamro abnamro.nl
raiffeisen raiffeisen.at raiffeisen.ch
postfinance postfinance.ch
revolut
monzo
wise transferwise.com
klarna klarna.de
stripe stripe.network
coinbase
binance
kraken
blockchain
metamask metamask.io
trustwallet
ledger ledgerwallet.com
mastercard
westernunion
moneygram
venmo
zellepay zelle.com
intuit quickbooks.com turbotax.com
hmrc gov.uk
bankid bankid.no
`,
  access: `
microsoft microsoftonline.com office.com office365.com live.com outlook.com sharepoint.com windows.com azure.com microsoft365.com aka.ms msn.com onedrive.com skype.com xbox.com windows.net office.net
microsoftonline
office365
outlook outlook.de
onedrive
sharepoint
google gmail.com youtube.com googleapis.com withgoogle.com google.dev blog.google goo.gl googlemail.com
googlemail
apple icloud.com me.com itunes.com apple.news mzstatic.com
icloud
dropbox dropboxusercontent.com dropboxmail.com
docusign docusign.net
adobe adobesign.com adobelogin.com
okta oktapreview.com
onelogin
lastpass
1password
bitwarden
github githubusercontent.com github.io github.blog github.dev
gitlab
atlassian atlassian.net jira.com bitbucket.org trello.com
salesforce force.com
zendesk zdassets.com zendesk.de zdusercontent.com
servicenow service-now.com
slack slack-edge.com
zoom zoom.us
webex
teamviewer teamviewer.us
anydesk
godaddy secureserver.net
namecheap
cloudflare
wetransfer wetransfer.net
protonmail proton.me protonmail.ch
yahoo yahoo.co.jp yahoo.net ymail.com
telekom telekom.de t-online.de magenta.de
vodafone vodafone.de
ionos ionos.de
strato strato.de
web-de web.de
gmx gmx.de gmx.net gmx.at gmx.ch
verizon
comcast xfinity.com
`,
  parcel: `
dhl dhl.de dhlparcel.nl dhlparcel.co.uk dhlecommerce.com
fedex
ups
usps
royalmail
hermesworld myhermes.de myhermes.co.uk
evri
dpd dpd.de dpd.co.uk dpdgroup.com
correos correos.es
laposte laposte.fr laposte.net
chronopost chronopost.fr
postnl postnl.nl
deutschepost deutschepost.de
bpost bpost.be
`,
  shop: `
amazon amazonaws.com amazon.de amazon.co.uk amzn.to amzn.com a2z.com media-amazon.com aws.amazon.com primevideo.com audible.com amazonses.com
ebay ebay.de ebay.co.uk ebaystatic.com
alibaba
aliexpress
walmart
netflix nflxext.com nflxso.net
spotify scdn.co
shopify myshopify.com shopifypreview.com shopify.dev
booking booking.cn
airbnb airbnb.de
steampowered steamcommunity.com steamgames.com
steamcommunity
epicgames
roblox
disneyplus disney.com
otto otto.de
zalando zalando.de
mediamarkt mediamarkt.de
`,
  social: `
facebook fb.com fb.me facebookmail.com meta.com fbcdn.net messenger.com
instagram cdninstagram.com ig.me
whatsapp wa.me whatsapp.net
linkedin lnkd.in licdn.com
twitter x.com t.co twimg.com
tiktok tiktokcdn.com
telegram telegram.org t.me telegram.me
discord discordapp.com discord.gg discord.gift
snapchat
pinterest pin.it
youtube youtu.be
`,
};

export const BRANDS: readonly Brand[] = Object.entries(TABLE).flatMap(([kind, lines]) =>
  lines
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', ...domains] = line.split(' ');
      return { name, kind: kind as BrandKind, domains: new Set([`${name}.com`, ...domains]) };
    }),
);

/** Brands by every domain that is theirs. */
export const BRAND_BY_DOMAIN: ReadonlyMap<string, Brand> = new Map(
  BRANDS.flatMap((brand) => [...brand.domains].map((domain): [string, Brand] => [domain, brand])),
);

/** Well-known names that only resemble a brand. */
export const INNOCENT = new Set(
  (
    'shopify spotify goggle goggles gogole amazone amazonia appleton apples applet stripes strip strive striped strife chaser chases ' +
    'chased googol netflex outlooks dropboxes paypay booking bookings cooking hooking looking bookling zoomin zooms zoom discover discord ' +
    'discords slacker slacks okra adobes abode twitters telegraph telegrams facebooks pinterests walmarts revolt revolution coinbases ' +
    'binances financed finance finances krakens blockchains ledge ledgers pledger lodger wired wiser wises klarna intuit intuits citibanks ' +
    'whatapp yahoos yahoo fedex santanders sparkassen postbanks telekoms vodaphone airbnbs githubs gitlabs gitlub sunrise atlassians ' +
    'instagrams linkedins microsofts stream steam disney otto motto lotto zoomer evry every airbus barclay barclays barkley'
  ).split(' '),
);

/** Words of pages that want an account or a payment. */
export const LOGIN_WORDS =
  /(?:log-?in|log-?on|sign-?in|sign-?on|secure|security|verif|account|konto|acc(?:es|ount)s?|update|confirm|billing|invoice|payment|wallet|support|helpdesk|service|auth|password|passwort|unlock|suspend|limited|recover|webmail|mailbox|signup|identity|banking|ebanking|sicherheit|bestaetig|verifiz|anmeld|connexion|acceso|customer|kunde|delivery|tracking|parcel|paket|refund|reward|gift|bonus|alert|notice)/iu;
