/** Sentences for analysts on links, lists and outside engines, by rule. */
export const LINK_EXPLANATIONS = {
  Http_Scanner_Malicious:
    'The outside scanner answered malicious without naming a rule: open its own report for behaviour and indicators.',
  Http_Scanner_Suspicious:
    'The outside scanner answered suspicious without naming a rule: open its own report; a second run may tell more.',
  Link_Address_In_Disguise:
    'An IP address in decimal, hex, octal or short form (T1027): no honest mail writes it so; decode and look the address up.',
  Link_Brand_Beside_Login_Words:
    'Registered name joins a brand with words such as login, secure, pay (T1583.001, T1566.002): check age, registrar and page.',
  Link_Brand_In_Front_Of_Host:
    'Sub-domains spell a known site, the registered name is another (T1583.001): deceives on narrow screens; judge the registered name.',
  Link_Brand_In_Host:
    'A brand is part of a foreign registered name; resellers and fan sites do so: of weight beside other findings.',
  Link_Brand_Under_Other_Suffix:
    'A brand under an unexpected suffix; may be its own country site or a squatter (T1583.001): compare registration data.',
  Link_Carries_Its_Content: 'A data: link; usually pictures: of weight only if it decodes to a page or script.',
  Link_Carries_Its_Page:
    'A data: link holding HTML: the page is in the link, no host can be blocked (T1027.006): decode and look for forms.',
  Link_Fetches_Archive_From_Address:
    'An archive from a bare IP address (T1105); appliances and test systems do so: look the address up.',
  Link_Fetches_Program:
    'Path ends in an executable or disk image (T1204.001); vendors link installers so: check host and signature.',
  Link_Fetches_Program_From_Address:
    'An executable from a bare IP address, typical of bot loaders (T1105, T1204.001): fetch in isolation, look the address up.',
  Link_File_Hides_Its_Kind:
    'Double extension or the like in the linked file’s name (T1036.007, T1204.001): fetch in isolation.',
  Link_Has_Credentials:
    'User information in the URL; may be a leaked password of the customer: check, and have it changed where real (T1552).',
  Link_Host_Behind_At_Sign:
    'User information that looks like a host precedes the real one (T1036): deliberate; judge what follows the at-sign.',
  Link_Host_Imitates_Brand:
    'Homoglyphs or exchanged letters of a brand in the host (T1583.001): decode the punycode; treat as phishing until shown otherwise.',
  Link_Host_Is_Escaped:
    'Percent escapes inside the host: readers and filters see another text than the browser (T1027): decode and judge the host.',
  Link_Host_Is_Very_Deep:
    'Five or more labels before the registered name; clouds have it, phishing hides names so (T1583.001): read from the right.',
  Link_Host_Looks_Like_A_File:
    'A suffix such as .zip or .mov that reads like a file name (T1036): may be text that was never meant as link; check whether it resolves.',
  Link_Host_Mixes_Scripts:
    'A label mixes alphabets that no language mixes (T1583.001): homograph attempt; compare with the brand it resembles.',
  Link_Host_Resembles_Brand:
    'Host within a letter or two of a brand (T1583.001): typosquat or chance; check registration date and page.',
  Link_Host_Spread_Malware:
    'URLhaus has other addresses of this host: may be a hacked or a shared site (T1584.004); read its entry and dates.',
  Link_International_Host:
    'Internationalised host in one script; ordinary in many languages: no step unless other findings stand beside it.',
  Link_Internal_Share:
    'UNC or file link to a private name or address; colleagues’ links look so: odd only from outside senders.',
  Link_Is_Very_Long:
    'URL of more than 2,000 characters; trackers and signed links: may carry data or hide its host, read its start.',
  Link_Is_Wrapped:
    'An opaque rewriter or tracker hides the target: ask the wrapping service or sender; the target was not judged.',
  Link_Known_As_Malware: 'Listed by Google as MALWARE (T1204.001): see the transparency report, find who opened it.',
  Link_Known_As_Potentially_Harmful_Application:
    'Listed by Google for harmful applications, mostly mobile (T1204.001): check devices of who opened it.',
  Link_Known_As_Social_Engineering:
    'Listed by Google as phishing or deceptive (T1566.002): find who entered data, have credentials changed.',
  Link_Known_As_Social_Engineering_Extended_Coverage:
    'In Google’s wider, less certain phishing list (T1566.002): judge the page yourself before acting.',
  Link_Known_As_Unwanted_Software:
    'Listed by Google for unwanted software: bundlers, adware (T1204.001): check what was downloaded.',
  Link_Local_File: 'file: link without host; opens nothing at another reader: mostly pasted by mistake.',
  Link_Login_On_Free_Hosting:
    'Account or payment words on shared hosting where anybody publishes (T1583.006): look at the page; report to the host.',
  Link_On_Bad_List:
    'A downloaded feed names this URL or host; the engine’s name is the feed: read its entry, age and confidence.',
  Link_Opens_File_Share:
    'UNC or file link to a foreign host: Windows sends NTLM authentication on click (T1187): block outbound SMB, check the host.',
  Link_Opens_Office_Program:
    'ms-word: and other Office schemes with an address (T1204.001); SharePoint uses them: judge the document’s host.',
  Link_Path_Is_Escaped:
    'Plain letters of the path percent-encoded without need: evades filters (T1027); decode and read.',
  Link_Private_Address: 'Private or loopback address; internal tools and developers: odd only from outside senders.',
  Link_Raw_Address: 'IP address as host; appliances and test systems: look it up, weigh path and port.',
  Link_Redirects_Elsewhere:
    'Followed by the guarded fetcher; shorteners and counters do so: other visitors may be led elsewhere.',
  Link_Redirects_Inside:
    'Redirect to a private address, not followed; misconfigured sites do so, request forgery (T1190) too: see the target.',
  Link_Runs_Script: 'javascript: link (T1059.007); browsers block it in mail, pasted bookmarklets run: decode it.',
  Link_Serves_Malware:
    'ThreatFox lists the address as an indicator: entry names the malware family and confidence (T1071, T1105).',
  Link_Shortener:
    'A shortener hides the target (T1608.005); Lazaret does not fetch it by itself: expand it with the service’s preview.',
  Link_Spreads_Malware:
    'URLhaus lists exactly this URL as distributing malware (T1204.001): the entry names payload and status; find who opened it.',
  Link_Starts_System_Program:
    'A handler such as ms-msdt or search-ms in a link (T1202, CVE-2022-30190): decode the arguments.',
  Link_Text_Deceives:
    'Shown text names a known or wanted site, target is another host or a bare address (T1566.002): judge the target.',
  Link_Text_Names_Another_Site:
    'Shown address and target differ; newsletters count clicks so: of weight where the target is no known sender service.',
  Link_Unusual_Port:
    'Port other than the usual ones; test systems and appliances, also bot loaders: check what answers there.',
  Link_Unusual_Scheme:
    'A scheme handled by an application; conferencing and chat use it: check which program takes it (T1204.001).',
  Links_Too_Many:
    'More links or text than the bound of one comment: the rest was not judged; look at the comment itself.',
  Lists_Allowed_Hash:
    'A person’s allow list names the SHA-256: it overrides engines; see owner, reason and expiry of the entry.',
  Lists_Allowed_Link:
    'A person’s allow list names link or host: it overrides engines; see owner, reason and expiry of the entry.',
  Lists_Blocked_Hash:
    'A person’s block list names the SHA-256: see reason and owner of the entry, and earlier tickets with this hash.',
  Lists_Allowed_Sender:
    'Entry of your own allow list; senders can be forged, so it lifts only suspicion of links, and nothing of files: see its owner and reason.',
  Lists_Blocked_Sender:
    'Entry of your own block list for this address or its domain: see its owner and reason, then the other tickets.',
  Lists_Blocked_Link:
    'A person’s block list names link or host: see reason and owner of the entry; search other tickets for the host.',
  Virustotal_Few_Engines:
    'A few engines at VirusTotal call the hash bad: often heuristics; weigh which ones, and first-seen date.',
  Virustotal_Many_Engines:
    'Many engines at VirusTotal agree on the hash: read family, relations and behaviour there for indicators.',
} as const;
