"""The partner directory: what no export gives and the partner knows."""

from .claims import CLAIMS
from .items import (
    BACKUP, CAMILLE, ELKE, FJELLBLICK_ADMINS, FJELLBLICK_HELPDESK, FJELLBLICK_OPERATIONS, FROSTQUELL_DEPLOYMENT,
    GREYMARSH_ADMINS, GREYMARSH_OPERATIONS, INES, JONAS, LAB_OPERATORS, LUC, MARA, MONITORING, NUVELLE_ADMINS,
    NUVELLE_AUTOMATION, NUVELLE_OPERATIONS, NUVELLE_STUDIO, OPERATIONS_AUTOMATION, SKERRANE_ADMINS,
)  # fmt: skip
from .who import (
    FJELLBLICK, FJELLBLICK_LEEDS, GREYMARSH, LAB, LAB_MANAGEMENT_GROUP, NUVELLE, PARTNERS, SKERRANE, SUBSCRIPTIONS,
)  # fmt: skip

DIRECTORY = {
    "partner_locations.csv": [
        ("partner_id", "partner_global_id", "name"),
        *[(partner.partner_id, partner.global_id, partner.name) for partner in PARTNERS],
    ],
    "agent_groups.csv": [
        ("group_object_id", "group_name", "partner_tenant_id", "partner_id"),
        (FJELLBLICK_ADMINS.id, "AdminAgents", FJELLBLICK.tenant_id, FJELLBLICK.partner_id),
        (FJELLBLICK_HELPDESK.id, "HelpdeskAgents", FJELLBLICK.tenant_id, FJELLBLICK.partner_id),
        (NUVELLE_ADMINS.id, "AdminAgents", NUVELLE.tenant_id, NUVELLE.partner_id),
        (GREYMARSH_ADMINS.id, "AdminAgents", GREYMARSH.tenant_id, GREYMARSH.partner_id),
        (SKERRANE_ADMINS.id, "AdminAgents", SKERRANE.tenant_id, SKERRANE.partner_id),
    ],
    "partner_id_links.csv": [
        ("principal_id", "partner_id", "valid_from", "valid_to"),
        (OPERATIONS_AUTOMATION.id, FJELLBLICK.partner_id, "2025-01-15T10:00:00Z", ""),
        (MONITORING.id, FJELLBLICK_LEEDS.partner_id, "2026-02-11T13:30:00Z", ""),
        (MARA.id, FJELLBLICK.partner_id, "2026-02-16T11:00:00Z", ""),
        (JONAS.id, FJELLBLICK.partner_id, "2026-03-02T09:30:00Z", ""),
        (LUC.id, NUVELLE.partner_id, "2026-05-18T08:30:00Z", ""),
        (INES.id, NUVELLE.partner_id, "2026-05-18T08:40:00Z", ""),
        (NUVELLE_AUTOMATION.id, NUVELLE.partner_id, "2026-05-20T09:05:00Z", ""),
        (CAMILLE.id, NUVELLE.partner_id, "2026-08-20T13:05:00Z", ""),
        (BACKUP.id, FJELLBLICK.partner_id, "2025-02-03T11:00:00Z", ""),
        (GREYMARSH_OPERATIONS.id, GREYMARSH.partner_id, "2025-12-01T00:00:00Z", ""),
    ],
    "partner_principals.csv": [
        ("principal_id", "partner_id", "name"),
        (FJELLBLICK_OPERATIONS.id, FJELLBLICK.partner_id, "Fjellblick Cloud Operations (group)"),
        (OPERATIONS_AUTOMATION.id, FJELLBLICK.partner_id, "Operations automation (service principal)"),
        (MONITORING.id, FJELLBLICK_LEEDS.partner_id, "Monitoring (service principal)"),
        (LAB_OPERATORS.id, FJELLBLICK.partner_id, "Fjellblick Lab Operators (group)"),
        (MARA.id, FJELLBLICK.partner_id, "Mara Holm (guest at Kieselbrück)"),
        (JONAS.id, FJELLBLICK.partner_id, "Jonas Brandt (guest at Kieselbrück)"),
        (NUVELLE_OPERATIONS.id, NUVELLE.partner_id, "Nuvelle Exploitation (group)"),
        (NUVELLE_STUDIO.id, NUVELLE.partner_id, "Nuvelle Studio 3D (group)"),
        (FROSTQUELL_DEPLOYMENT.id, FJELLBLICK.partner_id, "Deployment at Frostquell (service principal)"),
        (BACKUP.id, FJELLBLICK.partner_id, "Backup at Aldersbrunn (service principal)"),
        (ELKE.id, FJELLBLICK.partner_id, "Elke Sander (guest at Aldersbrunn)"),
        (LUC.id, NUVELLE.partner_id, "Luc Marchand (guest at Orvelle)"),
        (CAMILLE.id, NUVELLE.partner_id, "Camille Roy (guest at Orvelle)"),
        (INES.id, NUVELLE.partner_id, "Inès Faure (guest at Orvelle)"),
        (GREYMARSH_OPERATIONS.id, GREYMARSH.partner_id, "Greymarsh NOC (group)"),
    ],
    "group_members.csv": [
        ("group_object_id", "member_principal_id", "valid_from", "valid_to"),
        (FJELLBLICK_OPERATIONS.id, OPERATIONS_AUTOMATION.id, "2025-01-15T10:00:00Z", ""),
        (LAB_OPERATORS.id, MARA.id, "2026-02-16T10:30:00Z", ""),
        (NUVELLE_OPERATIONS.id, NUVELLE_AUTOMATION.id, "2026-05-20T09:00:00Z", ""),
    ],
    "agreements.csv": [
        ("partner_global_id", "valid_from", "valid_to"),
        (FJELLBLICK.global_id, "2023-05-01T00:00:00Z", ""),
        (NUVELLE.global_id, "2024-02-01T00:00:00Z", ""),
        (SKERRANE.global_id, "2026-08-10T09:00:00Z", ""),
    ],
    "subscription_partners.csv": [
        ("subscription_id", "transacting_partner_id", "reseller_partner_id", "valid_from", "valid_to"),
        *[(s.id, s.partner.partner_id, s.reseller_id, "2025-09-29T00:00:00Z", "") for s in SUBSCRIPTIONS],
    ],
    "management_groups.csv": [
        ("management_group_id", "subscription_id"),
        (LAB_MANAGEMENT_GROUP, LAB.id),
    ],
    "claims.csv": [
        ("claim_id", "submitted_on", "ticket", "settled_on", "settled_usd", "note"),
        *[claim.registered() for claim in CLAIMS],
    ],
}
